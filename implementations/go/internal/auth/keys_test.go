package auth

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAKeyInPKCS1IsToldTheWayOut(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rsa.pem")
	text := "-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := NewVerifier(Config{Files: []string{path}})
	if err == nil || !strings.Contains(err.Error(), "openssl rsa -RSAPublicKey_in -pubout") {
		t.Errorf("%v", err)
	}
}
