// Package auth checks the tokens that sessions are opened with: JSON Web
// Tokens, signed with HS256 by a secret that the server shares with whoever
// makes them.
package auth

import (
	"errors"
	"slices"

	"github.com/golang-jwt/jwt/v5"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Identity is what a token says of its user.
type Identity struct {
	UserID      string
	Permissions []string // each once, sorted
	Name, Email *string
}

// Verifier checks tokens.
type Verifier struct {
	secret []byte
	parser *jwt.Parser
}

// NewVerifier returns a verifier of tokens that secret signed.
func NewVerifier(secret string) *Verifier {
	return &Verifier{
		secret: []byte(secret),
		parser: jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired()),
	}
}

// Verify checks a token for the user of a subject, in the order of SEC-006:
// accepted at all, not expired, of this user.
func (v *Verifier) Verify(token *string, user string) (*Identity, error) {
	unauthenticated := wire.Refuse(wire.Unauthenticated, "Open the session with a token that this server accepts.")
	if token == nil {
		return nil, unauthenticated
	}
	claims := jwt.MapClaims{}
	_, err := v.parser.ParseWithClaims(*token, claims, func(*jwt.Token) (any, error) { return v.secret, nil })
	sub, _ := claims["sub"].(string)
	switch {
	case errors.Is(err, jwt.ErrTokenExpired) && sub != "":
		return nil, wire.Refuse(wire.CredentialExpired, "The token has expired; get a new one.")
	case err != nil || sub == "":
		return nil, unauthenticated
	case sub != user:
		return nil, wire.Refuse(wire.IdentityMismatch, "The token is that of another user.")
	}
	return &Identity{
		UserID: sub, Permissions: permissions(claims["perm"]), Name: text(claims["name"]), Email: text(claims["email"]),
	}, nil
}

func text(claim any) *string {
	if s, ok := claim.(string); ok {
		return &s
	}
	return nil
}

func permissions(claim any) []string {
	list, _ := claim.([]any)
	names := []string{}
	for _, value := range list {
		if name, ok := value.(string); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
