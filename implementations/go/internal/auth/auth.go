// Package auth checks the tokens that sessions are opened with: JSON Web
// Tokens, signed with HS256 by a secret that the server shares with whoever
// makes them, or by one whose public key the server has.
package auth

import (
	"errors"
	"log/slog"
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
	ExpiresAt   *int64 // in milliseconds; nil for an end that nobody comes to
	Credential  Credential
}

// Config is what a verifier is told.
type Config struct {
	Secret   string   // of HS256; empty is none
	Files    []string // of public keys, in PEM or as JSON Web Key Sets
	Audience string   // that tokens are for; empty is any
	Issuer   string   // that they are of; empty is any
	Revoked  string   // file of tokens that were revoked; empty is none
	Log      *slog.Logger
}

// Verifier checks tokens.
type Verifier struct {
	config Config
	keys   *ring
	taken  *revocations // back
	parser *jwt.Parser
}

// NewVerifier returns a verifier of tokens that a secret or keys signed. It
// fails where a file of keys cannot be used.
func NewVerifier(c Config) (*Verifier, error) {
	keys, err := newRing(c.Secret, c.Files, c.Log, time.Now)
	if err != nil {
		return nil, err
	}
	taken, err := newRevocations(c.Revoked, c.Log, time.Now)
	if err != nil {
		return nil, err
	}
	return &Verifier{
		config: c, keys: keys, taken: taken,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{"HS256", "RS256", "ES256", "EdDSA"}),
			jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation(),
		),
	}, nil
}

// leeway is how far the clock of whoever signs may be ahead, in seconds.
const leeway = 60

// compact is the form of a token. The decoder of base64 skips line ends.
var compact = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)

// Verify checks a token for the user of a subject, in the order of SEC-006:
// accepted at all, not expired, not revoked, of this user. Claims that are not named here
// are not looked at.
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
	case !ok || sub == "" || !isTime || !v.forUs(claims) || early(claims, "iat", now) || early(claims, "nbf", now):
		return nil, unauthenticated
	case expires <= now:
		return nil, wire.Refuse(wire.CredentialExpired, "The token has expired; get a new one.")
	case v.Revoked(credential(claims)):
		return nil, wire.Refuse(wire.Revoked, "The token was revoked; log in again.")
	case sub != user:
		return nil, wire.Refuse(wire.IdentityMismatch, "The token is that of another user.")
	}
	return &Identity{
		UserID: sub, Permissions: permissions(claims["perm"]), Name: text(claims["name"]), Email: text(claims["email"]),
		ExpiresAt: end(expires), Credential: credential(claims),
	}, nil
}

// Revoked tells whether a token was taken back before its end.
func (v *Verifier) Revoked(c Credential) bool { return v.taken.has(c) }

// forUs compares audience and issuer, where the server was told any.
func (v *Verifier) forUs(claims jwt.MapClaims) bool {
	if v.config.Issuer != "" && claims["iss"] != v.config.Issuer {
		return false
	}
	list, _ := claims["aud"].([]any)
	return v.config.Audience == "" || claims["aud"] == v.config.Audience ||
		slices.Contains(list, any(v.config.Audience))
}

// bringsKeys are members of a header that say by what its token is to be
// trusted: for its own word.
var bringsKeys = []string{"jwk", "jku", "x5u", "x5c"}

// signed reads the claims of a token that has the right form and signature.
// Their times are compared as numbers, later: the library makes dates of them,
// and one beyond its range becomes one of the past.
func (v *Verifier) signed(token string) (jwt.MapClaims, bool) {
	if !compact.MatchString(token) {
		return nil, false
	}
	claims := jwt.MapClaims{}
	_, err := v.parser.ParseWithClaims(token, claims, v.keyOf)
	return claims, err == nil
}

// keyOf chooses the one key of a token, whose one algorithm has to be the
// token's.
func (v *Verifier) keyOf(token *jwt.Token) (any, error) {
	// What crit names has to be understood (RFC 7515), and nothing is.
	if _, critical := token.Header["crit"]; critical {
		return nil, errRefused
	}
	if _, brings := find(token.Header, bringsKeys); brings {
		return nil, errRefused
	}
	if kid, names := token.Header["kid"]; names {
		if _, isText := kid.(string); !isText {
			return nil, errRefused
		}
	}
	k, ok := v.keys.key(token.Header)
	if !ok || token.Header["alg"] != k.alg || token.Method.Alg() != k.alg {
		return nil, errRefused
	}
	return k.material, nil
}

var errRefused = errors.New("not signed by the key that it names")

// early tells whether a claim is no time, or one of the future; there need not
// be one.
func early(claims jwt.MapClaims, name string, now float64) bool {
	claim, there := claims[name]
	moment, isTime := claim.(float64)
	return there && (!isTime || moment > now+leeway)
}

// never is from when on times are told to nobody: the year 2286.
const never = 1e13

func end(expires float64) *int64 {
	if expires*1_000 >= never {
		return nil
	}
	at := int64(expires * 1_000)
	return &at
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
