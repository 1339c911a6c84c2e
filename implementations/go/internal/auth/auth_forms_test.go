package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

const formsSecret = "a secret of these tests"

// signed has a right signature over any text, under any header.
func signed(header, payload string) string {
	part := base64.RawURLEncoding.EncodeToString
	text := part([]byte(header)) + "." + part([]byte(payload))
	mac := hmac.New(sha256.New, []byte(formsSecret))
	mac.Write([]byte(text))
	return text + "." + part(mac.Sum(nil))
}

const usual = `{"alg":"HS256"}`

func codeOf(token string) wire.Code {
	_, err := ofSecret(formsSecret).Verify(&token, "ann")
	return wire.CodeOf(err)
}

// The tests of the reference have the same claims, with the same outcomes.
func TestClaims(t *testing.T) {
	t.Parallel()
	now := time.Now().Unix()
	far := int64(1 << 33)
	for _, c := range []struct {
		claims string
		want   wire.Code
	}{
		{fmt.Sprintf(`"sub":"ann","exp":%d`, far), 0},
		{fmt.Sprintf(`"sub":"ann","exp":%d,"iat":%d`, far, now+5), 0},
		{fmt.Sprintf(`"sub":"ann","exp":%d,"iat":%d.5`, far, now+50), 0},
		{fmt.Sprintf(`"sub":"ann","exp":%d,"iat":%d`, far, now+3_600), wire.Unauthenticated},
		{fmt.Sprintf(`"sub":"ann","exp":%d,"iat":"now"`, far), wire.Unauthenticated},
		{fmt.Sprintf(`"sub":"ann","exp":%d,"iat":null`, far), wire.Unauthenticated},
		{fmt.Sprintf(`"sub":"ann","exp":%d,"nbf":%d`, far, now+5), 0},
		{fmt.Sprintf(`"sub":"ann","exp":%d,"nbf":%d`, far, now+3_600), wire.Unauthenticated},
		{fmt.Sprintf(`"sub":"ann","exp":%d,"nbf":"now"`, far), wire.Unauthenticated},
		{fmt.Sprintf(`"sub":"ann","exp":%d,"aud":"elsewhere","iss":5,"jti":5`, far), 0},
		{fmt.Sprintf(`"sub":"ann","exp":%d,"aud":5`, far), 0},
		{`"sub":"ann","exp":1e12`, 0},
		{`"sub":"ann","exp":1e20`, 0},
		{`"sub":"ann","exp":1e30`, 0},
		{`"sub":"ann","exp":1e300`, 0},
		{`"sub":"ann","exp":9223372036854775808`, 0},
		{`"sub":"ann","exp":1e400`, wire.Unauthenticated},
		{`"sub":"ann","exp":-1e30`, wire.CredentialExpired},
		{`"sub":"ann","exp":0`, wire.CredentialExpired},
		{fmt.Sprintf(`"sub":"ann","exp":%d`, now-1), wire.CredentialExpired},
		{`"sub":"ann","exp":"4000000000"`, wire.Unauthenticated},
		{`"sub":"ann","exp":true`, wire.Unauthenticated},
		{`"sub":"ann","exp":null`, wire.Unauthenticated},
		{fmt.Sprintf(`"sub":"ann","exp":1,"iat":%d`, now+3_600), wire.Unauthenticated},
		{fmt.Sprintf(`"sub":"","exp":%d`, far), wire.Unauthenticated},
		{fmt.Sprintf(`"sub":5,"exp":%d`, far), wire.Unauthenticated},
		{`"sub":"bob","exp":1`, wire.CredentialExpired},
	} {
		if got := codeOf(signed(usual, "{"+c.claims+"}")); got != c.want {
			t.Errorf("%s: %d, not %d", c.claims, got, c.want)
		}
	}
	for _, payload := range []string{"[]", "5", "{", `{"sub":"ann","exp":8589934592} {}`} {
		if got := codeOf(signed(usual, payload)); got != wire.Unauthenticated {
			t.Errorf("%s: %d", payload, got)
		}
	}
}

func TestNothingCriticalIsUnderstood(t *testing.T) {
	t.Parallel()
	payload := `{"sub":"ann","exp":8589934592}`
	if got := codeOf(signed(`{"alg":"HS256","x":1,"b64":true}`, payload)); got != 0 {
		t.Errorf("without crit: %d", got)
	}
	for _, crit := range []string{`["x"]`, `[]`, `null`, `["b64"]`, `["exp"]`, `"x"`} {
		if got := codeOf(signed(`{"alg":"HS256","x":1,"b64":true,"crit":`+crit+`}`, payload)); got != wire.Unauthenticated {
			t.Errorf("crit %s: %d", crit, got)
		}
	}
}

func TestATokenIsWhatItsEncoderWrites(t *testing.T) {
	t.Parallel()
	good := signed(usual, `{"sub":"ann","exp":8589934592}`)
	parts := strings.Split(good, ".")
	signature := parts[2]
	// 32 bytes are 43 characters, the last of which has two bits that stand for
	// nothing.
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(signature) - 1
	other := string(letters[strings.IndexByte(letters, signature[last])^1])
	if got := codeOf(good); got != 0 {
		t.Fatalf("the good one: %d", got)
	}
	for name, token := range map[string]string{
		"a line feed behind":       good + "\n",
		"a carriage return within": parts[0] + "." + parts[1] + "." + signature[:9] + "\r" + signature[9:],
		"a space behind":           good + " ",
		"a space in front":         " " + good,
		"a scheme in front":        "Bearer " + good,
		"a dot behind":             good + ".",
		"a fourth part":            good + "." + signature,
		"padding":                  good + "=",
		"padding within":           parts[0] + "=." + parts[1] + "." + signature,
		"no character of base64":   good + "!",
		"a NUL":                    good + "\x00",
		"bits behind the end":      good[:len(good)-1] + other,
		"no signature":             parts[0] + "." + parts[1] + ".",
	} {
		if got := codeOf(token); got != wire.Unauthenticated {
			t.Errorf("%s: %d", name, got)
		}
	}
}
