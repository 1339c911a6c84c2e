package auth

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

const maxRevocations = 16 << 20 // bytes of a file of revocations

// Credential is what a token may be revoked by: its user, its jti, and its iat
// in seconds, each nil where it has none.
type Credential struct {
	User     string
	ID       *string
	IssuedAt *float64
}

func credential(claims jwt.MapClaims) Credential {
	c := Credential{User: claims["sub"].(string), ID: text(claims["jti"])}
	if at, isTime := claims["iat"].(float64); isTime {
		c.IssuedAt = &at
	}
	return c
}

// revoked is what a file says: tokens by their ids, and those of a user that
// were issued before a time.
type revoked struct {
	ids    map[string]bool
	before map[string]float64
}

func (r *revoked) has(c Credential) bool {
	if c.ID != nil && r.ids[*c.ID] {
		return true
	}
	before, there := r.before[c.User]
	return there && (c.IssuedAt == nil || *c.IssuedAt < before)
}

// revocations are the tokens that were revoked, by a file that is read again
// when it has changed. Without one there are none.
type revocations struct {
	file string

	mu    sync.Mutex
	again reread
	known revoked
	of    os.FileInfo // the file as it was read
}

func newRevocations(file string, log *slog.Logger, now func() time.Time) (*revocations, error) {
	r := &revocations{file: file, again: newReread("revocations", log, now)}
	if file == "" {
		return r, nil
	}
	_, err := r.read()
	return r, err
}

// has tells whether a token was revoked, as the file has it now.
func (r *revocations) has(c Credential) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refresh()
	return r.known.has(c)
}

// refresh reads the file again where there is one.
func (r *revocations) refresh() {
	if r.file != "" && r.again.refresh(r.read) {
		r.again.log.Info("revocations were read again", "count", len(r.known.ids)+len(r.known.before))
	}
}

// read takes what the file says, if it has changed: actions wait meanwhile.
func (r *revocations) read() (changed bool, err error) {
	info, err := os.Stat(r.file)
	if err != nil {
		return false, fmt.Errorf("revocations: %s: it cannot be read: %w", r.file, err)
	}
	if r.of != nil && os.SameFile(r.of, info) && r.of.Size() == info.Size() && r.of.ModTime().Equal(info.ModTime()) {
		return false, nil
	}
	text, err := readUpTo(r.file, maxRevocations)
	if err != nil {
		return false, fmt.Errorf("revocations: %s: %w", r.file, err)
	}
	known, err := readRevoked(text)
	if err != nil {
		return false, fmt.Errorf("revocations: %s: %w", r.file, err)
	}
	r.of, r.known = info, *known
	return true, nil
}

// readUpTo reads a file that is not above so many bytes.
func readUpTo(file string, most int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("it cannot be read: %w", err)
	case int64(len(data)) > most:
		return nil, fmt.Errorf("it is above %d bytes", most)
	}
	return data, nil
}

// readRevoked reads one JSON object a line.
func readRevoked(text []byte) (*revoked, error) {
	found := &revoked{ids: map[string]bool{}, before: map[string]float64{}}
	for i, line := range bytes.Split(text, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err := found.add(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return found, nil
}

var errNoRevocation = errors.New(`it is none of {"jti": "…"} and {"sub": "…", "before": seconds since 1970}`)

func (r *revoked) add(line []byte) error {
	body, err := wire.Parse(line)
	if err != nil {
		return err
	}
	id, hasID := body["jti"].(string)
	user, hasUser := body["sub"].(string)
	before, hasTime := seconds(body["before"])
	switch {
	case len(body) == 1 && hasID && id != "":
		r.ids[id] = true
	case len(body) == 2 && hasUser && user != "" && hasTime:
		if known, there := r.before[user]; !there || before > known {
			r.before[user] = before
		}
	default:
		return errNoRevocation
	}
	return nil
}

// seconds reads a number of seconds, whole or not.
func seconds(value any) (float64, bool) {
	text, isNumber := value.(wire.Number)
	at, err := strconv.ParseFloat(string(text), 64)
	return at, isNumber && err == nil && at < never
}
