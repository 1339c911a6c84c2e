package server

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// openWith opens session s of ann, again where it is live, and tells the end
// that was answered and the code of a refusal.
func (c *client) openWith(lasts time.Duration, rights ...string) (ends int64, code int) {
	c.t.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": "ann", "exp": float64(time.Now().Add(lasts).UnixMilli()) / 1_000, "perm": rights,
	}).SignedString([]byte(secret))
	if err != nil {
		c.t.Fatal(err)
	}
	msg, err := c.nc.Request(control, []byte(request("session.open", fmt.Sprintf(
		`{"protocol":["1.0"],"kinds":["chat"],"features":[],"client":{"name":"test","version":"1"},`+
			`"auth":{"scheme":"bearer","token":%q}}`, token,
	))), patience)
	if err != nil {
		c.t.Fatal(err)
	}
	var answer struct {
		Data struct {
			ExpiresAt int64 `json:"expires_at"`
		}
	}
	if err := json.Unmarshal(msg.Data, &answer); err != nil {
		c.t.Fatal(err)
	}
	return answer.Data.ExpiresAt, read(c.t, msg.Data).code()
}

func TestASessionEndsWithItsToken(t *testing.T) {
	t.Parallel()
	_, c := serve(t, Config{EndWithToken: true})
	first, _ := c.openWith(time.Hour, "a", "b")
	later, _ := c.openWith(2*time.Hour, "b", "a")
	if first == 0 || later <= first {
		t.Errorf("a later token moves the end from %d to %d", first, later)
	}
	if _, code := c.openWith(time.Second, "a"); code != 4030 {
		t.Errorf("a token of other rights gets %d", code)
	}
	soon, _ := c.openWith(300*time.Millisecond, "a", "b")
	if soon == 0 || soon >= first {
		t.Errorf("an earlier token moves the end to %d", soon)
	}
	if closing, _ := c.until("session.closing"); closing.Data.Reconnect {
		t.Errorf("%+v", closing.Data)
	}
	if late := c.ask(control, request("session.ping", "{}")); late.code() != 4101 {
		t.Errorf("after the end: %+v", late)
	}
}

func TestASessionOutlivesItsTokenOtherwise(t *testing.T) {
	t.Parallel()
	_, c := serve(t, Config{})
	if ends, code := c.openWith(time.Hour, "a"); ends != 0 || code != 0 {
		t.Errorf("it tells %d, %d", ends, code)
	}
	if _, code := c.openWith(time.Hour, "b"); code != 0 {
		t.Errorf("a token of other rights gets %d", code)
	}
}

func TestASessionEndsWithARevokedToken(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "revoked")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, c := serve(t, Config{EndWithToken: true, Revocations: file})
	c.openWith(time.Hour, "a")
	if err := os.WriteFile(file, []byte(`{"sub": "ann", "before": 9e9}`), 0o600); err != nil {
		t.Fatal(err)
	}
	closing, _ := c.until("session.closing")
	if closing.Data.Reconnect || closing.Data.Code != 4013 {
		t.Errorf("%+v", closing.Data)
	}
	if _, code := c.openWith(2*time.Hour, "a"); code != 4013 {
		t.Errorf("a revoked token gets %d", code)
	}
}
