package auth

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/vectors"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// credentials are the vectors that the reference is tried with as well.
type credentials struct {
	User  string
	Files map[string]string
	Sets  map[string]struct {
		Secret, Audience, Issuer string
		Files                    []string
	}
	Tokens []struct {
		Name, Set, Token string
		Code             wire.Code
	}
	RefusedFiles []struct {
		Name  string
		Files map[string]string
	} `json:"refused_files"`
}

func load(t *testing.T) (c credentials) {
	t.Helper()
	data, err := os.ReadFile(vectors.Folder + "/credentials.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func ofSecret(secret string) *Verifier {
	v, err := NewVerifier(Config{Secret: secret})
	if err != nil {
		panic(err)
	}
	return v
}

func write(t *testing.T, folder string, files map[string]string) (paths []string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

func TestTokensOfTheVectors(t *testing.T) {
	t.Parallel()
	c, folder := load(t), t.TempDir()
	write(t, folder, c.Files)
	verifiers := map[string]*Verifier{}
	for name, set := range c.Sets {
		var paths []string
		for _, file := range set.Files {
			paths = append(paths, filepath.Join(folder, file))
		}
		v, err := NewVerifier(Config{Secret: set.Secret, Files: paths, Audience: set.Audience, Issuer: set.Issuer})
		if err != nil {
			t.Fatal(err)
		}
		verifiers[name] = v
	}
	for _, row := range c.Tokens {
		t.Run(row.Set+"/"+row.Name, func(t *testing.T) {
			_, err := verifiers[row.Set].Verify(&row.Token, c.User)
			if got := wire.CodeOf(err); got != row.Code {
				t.Errorf("%d, not %d", got, row.Code)
			}
		})
	}
}

func TestNoServerStartsWithSuchKeys(t *testing.T) {
	t.Parallel()
	for _, row := range load(t).RefusedFiles {
		t.Run(row.Name, func(t *testing.T) {
			_, err := NewVerifier(Config{Files: write(t, t.TempDir(), row.Files)})
			if err == nil {
				t.Fatal("it starts")
			}
			for _, text := range row.Files {
				for member := range strings.SplitSeq(text, `"`) {
					if len(member) > 12 && strings.Contains(err.Error(), member) {
						t.Errorf("it tells a key: %v", err)
					}
				}
			}
		})
	}
}
