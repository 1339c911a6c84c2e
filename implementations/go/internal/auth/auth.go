// Package auth checks the tokens that sessions are opened with: JSON Web
// Tokens, signed with HS256 by a secret that the server shares with whoever
// makes them.
package auth

import (
	"regexp"
	"slices"
	"time"

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
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{"HS256"}), jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation(),
		),
	}
}

// leeway is how far the clock of whoever signs may be ahead, in seconds.
const leeway = 60

// compact is the form of a token. The decoder of base64 skips line ends.
var compact = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)

// Verify checks a token for the user of a subject, in the order of SEC-006:
// accepted at all, not expired, of this user. Claims that are not named here,
// such as aud, are not looked at.
func (v *Verifier) Verify(token *string, user string) (*Identity, error) {
	unauthenticated := wire.Refuse(wire.Unauthenticated, "Open the session with a token that this server accepts.")
	if token == nil {
		return nil, unauthenticated
	}
	claims, ok := v.signed(*token)
	now := float64(time.Now().UnixNano()) / 1e9
	expires, isTime := claims["exp"].(float64)
	sub, _ := claims["sub"].(string)
	switch {
	case !ok || sub == "" || !isTime || early(claims, "iat", now) || early(claims, "nbf", now):
		return nil, unauthenticated
	case expires <= now:
		return nil, wire.Refuse(wire.CredentialExpired, "The token has expired; get a new one.")
	case sub != user:
		return nil, wire.Refuse(wire.IdentityMismatch, "The token is that of another user.")
	}
	return &Identity{
		UserID: sub, Permissions: permissions(claims["perm"]), Name: text(claims["name"]), Email: text(claims["email"]),
	}, nil
}

// signed reads the claims of a token that has the right form and signature.
// Their times are compared as numbers, later: the library makes dates of them,
// and one beyond its range becomes one of the past.
func (v *Verifier) signed(token string) (jwt.MapClaims, bool) {
	if !compact.MatchString(token) {
		return nil, false
	}
	claims := jwt.MapClaims{}
	parsed, err := v.parser.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return v.secret, nil })
	if err != nil {
		return nil, false
	}
	// What crit names has to be understood (RFC 7515), and nothing is.
	_, critical := parsed.Header["crit"]
	return claims, !critical
}

// early tells whether a claim is no time, or one of the future; there need not
// be one.
func early(claims jwt.MapClaims, name string, now float64) bool {
	claim, there := claims[name]
	moment, isTime := claim.(float64)
	return there && (!isTime || moment > now+leeway)
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
