package users

import (
	"sync"
	"unicode/utf8"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Directory knows what users are called. Every kind may ask it, whatever else
// is under way: it has a lock of its own, and calls nobody under it.
type Directory struct {
	mu      sync.RWMutex
	users   map[string]wire.User
	changed map[string]bool // those that are more than what their tokens say
}

// NewDirectory returns a directory that knows nobody.
func NewDirectory() *Directory {
	return &Directory{users: map[string]wire.User{}, changed: map[string]bool{}}
}

// Meet makes a user of what its token says, if it is new.
func (d *Directory) Meet(v *state.Viewer) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, known := d.users[v.UserID]; known {
		return
	}
	u := wire.User{ID: v.UserID, Username: shorten(v.UserID)}
	if v.Name != nil {
		u.Username = shorten(*v.Name)
	}
	if v.Email != nil {
		short := shorten(*v.Email)
		u.Email = &short
	}
	d.users[u.ID] = u
}

// Forget drops a user whom the next token makes anew, as it was.
func (d *Directory) Forget(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.changed[id] {
		delete(d.users, id)
	}
}

// shorten cuts a name of a token at its end until it fits.
func shorten(name string) string {
	for wire.Size(name) > wire.MaxName {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name
}

// Name is what the server calls a user.
func (d *Directory) Name(id string) string {
	if u, known := d.get(id); known {
		return u.Username
	}
	return id
}

func (d *Directory) get(id string) (wire.User, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	u, known := d.users[id]
	return u, known
}

func (d *Directory) put(u wire.User) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.users[u.ID] = u
	d.changed[u.ID] = true
}
