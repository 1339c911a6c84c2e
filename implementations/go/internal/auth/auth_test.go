package auth

import (
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func sign(t *testing.T, method jwt.SigningMethod, secret any, claims jwt.MapClaims) *string {
	t.Helper()
	token, err := jwt.NewWithClaims(method, claims).SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return &token
}

func TestVerify(t *testing.T) {
	t.Parallel()
	v := ofSecret("a secret of this test")
	key, soon, past := []byte("a secret of this test"), time.Now().Add(time.Hour).Unix(), time.Now().Add(-time.Hour).Unix()
	garbage := "x.y.z"
	good := sign(t, jwt.SigningMethodHS256, key, jwt.MapClaims{
		"sub": "ann", "exp": soon, "perm": []string{"b", "a", "b"}, "name": "Ann",
	})
	who, err := v.Verify(good, "ann")
	if err != nil || strings.Join(who.Permissions, " ") != "a b" || *who.Name != "Ann" || who.Email != nil {
		t.Errorf("%+v, %v", who, err)
	}
	for name, c := range map[string]struct {
		token *string
		want  wire.Code
	}{
		"null":           {nil, wire.Unauthenticated},
		"garbage":        {&garbage, wire.Unauthenticated},
		"another secret": {sign(t, jwt.SigningMethodHS256, []byte("other"), jwt.MapClaims{"sub": "ann", "exp": soon}), wire.Unauthenticated},
		"another method": {sign(t, jwt.SigningMethodHS512, key, jwt.MapClaims{"sub": "ann", "exp": soon}), wire.Unauthenticated},
		"no method":      {sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, jwt.MapClaims{"sub": "ann", "exp": soon}), wire.Unauthenticated},
		"for ever":       {sign(t, jwt.SigningMethodHS256, key, jwt.MapClaims{"sub": "ann"}), wire.Unauthenticated},
		"nobody":         {sign(t, jwt.SigningMethodHS256, key, jwt.MapClaims{"exp": soon}), wire.Unauthenticated},
		"expired":        {sign(t, jwt.SigningMethodHS256, key, jwt.MapClaims{"sub": "bob", "exp": past}), wire.CredentialExpired},
		"another user":   {sign(t, jwt.SigningMethodHS256, key, jwt.MapClaims{"sub": "bob", "exp": soon}), wire.IdentityMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := v.Verify(c.token, "ann"); wire.CodeOf(err) != c.want {
				t.Errorf("%v", err)
			}
		})
	}
}
