package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"path/filepath"
	"slices"
	"strings"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

const (
	maxFile = 1 << 20 // bytes of a file of keys
	rsaBits = 2_048
	taken   = "it is none that is taken: RSA with RS256, EC P-256 with ES256, and Ed25519 with EdDSA are"
)

// key is one that verifies tokens, by its one algorithm.
type key struct {
	alg      string
	material crypto.PublicKey // of the secret its bytes
}

// readAll reads files, each as a whole.
func readAll(files []string) (texts [][]byte, err error) {
	for _, file := range files {
		text, err := readUpTo(file, maxFile)
		if err != nil {
			return nil, fmt.Errorf("keys: %s: %w", file, err)
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// keysOf are the public keys of PEM files and JSON Web Key Sets, by name. No
// error tells a part of a key.
func keysOf(files []string, texts [][]byte) (map[string]key, error) {
	found := map[string]key{}
	for i, file := range files {
		if err := keysOfFile(file, texts[i], found); err != nil {
			return nil, fmt.Errorf("keys: %s: %w", file, err)
		}
	}
	return found, nil
}

func keysOfFile(file string, data []byte, found map[string]key) error {
	if strings.Contains(string(data), "-----BEGIN") {
		k, err := ofPEM(data)
		if err != nil {
			return err
		}
		name := filepath.Base(file)
		kid := strings.TrimSuffix(name, filepath.Ext(name))
		if kid == "" {
			return errors.New("its name has nothing before the ending, by which tokens name the key; name it otherwise")
		}
		return add(found, kid, k)
	}
	body, err := wire.Parse(data)
	if err != nil {
		return errors.New("it is neither a public key in PEM nor a JSON Web Key Set")
	}
	list, _ := body["keys"].([]any)
	if len(list) == 0 {
		return errors.New(`it has no keys: a JSON Web Key Set is {"keys": […]} with one key at least`)
	}
	for i, item := range list {
		kid, k, err := ofJWK(item)
		if err == nil {
			err = add(found, kid, k)
		}
		if err != nil {
			return fmt.Errorf("key %d: %w", i+1, err)
		}
	}
	return nil
}

func add(found map[string]key, kid string, k key) error {
	if _, there := found[kid]; there {
		return fmt.Errorf("there is another key %q; name each key otherwise", kid)
	}
	found[kid] = k
	return nil
}

func ofPEM(data []byte) (key, error) {
	block, rest := pem.Decode(data)
	switch {
	case strings.Contains(string(data), "PRIVATE KEY"):
		return key{}, errors.New("it is a private key, which belongs to whoever signs; give the server the public one")
	case strings.Contains(string(data), "BEGIN CERTIFICATE"):
		return key{}, errors.New("it is a certificate; `openssl x509 -pubkey -noout` prints its public key")
	case strings.Contains(string(rest), "-----BEGIN") && block != nil:
		return key{}, errors.New("it has more than one key; a file in PEM has one, which it names")
	case block == nil:
		return key{}, errors.New("it holds no public key that can be read")
	case block.Type == "RSA PUBLIC KEY":
		return key{}, errors.New("it is a key in PKCS#1; `openssl rsa -RSAPublicKey_in -pubout` makes a PUBLIC KEY of it")
	case block.Type != "PUBLIC KEY":
		return key{}, errors.New("it is of another type than PUBLIC KEY, which alone is taken in PEM")
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return key{}, errors.New("it holds no public key that can be read")
	}
	return of(public)
}

// of names the algorithm of a public key.
func of(public crypto.PublicKey) (key, error) {
	switch k := public.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < rsaBits {
			return key{}, fmt.Errorf("it has %d bits; RSA keys below %d are not taken", k.N.BitLen(), rsaBits)
		}
		return key{"RS256", k}, nil
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() {
			return key{"ES256", k}, nil
		}
	case ed25519.PublicKey:
		return key{"EdDSA", k}, nil
	}
	return key{}, errors.New(taken)
}

// private are the members of a JSON Web Key that nobody but its owner has.
var private = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

func ofJWK(item any) (string, key, error) {
	jwk, ok := item.(wire.Object)
	kid, _ := jwk["kid"].(string)
	_, secret := find(jwk, private)
	use, hasUse := jwk["use"]
	operations, hasOperations := jwk["key_ops"]
	list, _ := operations.([]any)
	switch {
	case !ok:
		return "", key{}, errors.New("it is no JSON object")
	case kid == "":
		return "", key{}, errors.New("it has no kid, by which tokens name it; give it one")
	case secret || jwk["kty"] == "oct":
		return "", key{}, errors.New("it is a secret or a private key, which belongs to whoever signs; list the public one")
	case hasUse && use != "sig", hasOperations && !slices.Contains(list, any("verify")):
		return "", key{}, errors.New("it is not for signatures; leave it out")
	}
	public, err := material(jwk)
	if err != nil {
		return "", key{}, fmt.Errorf("%q: %w", kid, err)
	}
	k, err := of(public)
	if err != nil {
		return "", key{}, fmt.Errorf("%q: %w", kid, err)
	}
	if alg, named := jwk["alg"]; named && alg != k.alg {
		return "", key{}, fmt.Errorf("%q: %s", kid, taken)
	}
	return kid, k, nil
}

func find(jwk map[string]any, names []string) (string, bool) {
	for _, name := range names {
		if _, there := jwk[name]; there {
			return name, true
		}
	}
	return "", false
}

// material makes a public key of the members of a JSON Web Key.
func material(jwk wire.Object) (crypto.PublicKey, error) {
	broken := fmt.Errorf("it cannot be read as the %v key that it says it is", jwk["kty"])
	switch {
	case jwk["kty"] == "RSA":
		n, e := number(jwk["n"]), number(jwk["e"])
		if n == nil || e == nil || !e.IsInt64() || e.Int64() < 3 || e.Int64() >= 1<<31 {
			return nil, broken
		}
		return &rsa.PublicKey{N: new(big.Int).SetBytes(n.Bytes()), E: int(e.Int64())}, nil
	case jwk["kty"] == "EC" && jwk["crv"] == "P-256":
		x, y := octets(jwk["x"]), octets(jwk["y"])
		if len(x) != 32 || len(y) != 32 {
			return nil, broken
		}
		public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
		if err != nil {
			return nil, broken
		}
		return public, nil
	case jwk["kty"] == "OKP" && jwk["crv"] == "Ed25519":
		x := octets(jwk["x"])
		if len(x) != ed25519.PublicKeySize {
			return nil, broken
		}
		return ed25519.PublicKey(x), nil
	}
	return nil, errors.New(taken)
}

func octets(member any) []byte {
	text, _ := member.(string)
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil
	}
	return data
}

func number(member any) *big.Int {
	data := octets(member)
	if len(data) == 0 {
		return nil
	}
	return new(big.Int).SetBytes(data)
}
