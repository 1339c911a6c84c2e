// Package urls serves the kind url: short codes that stand for long addresses.
package urls

import (
	"context"
	"crypto/rand"
	"regexp"
	"strings"

	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Kind is the name of the kind.
const Kind = "url"

var codePattern = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// Service carries out the actions on urls. Its caller lets one goroutine at a
// time in.
type Service struct {
	limits *wire.Limits
	now    state.Clock
	byID   map[string]*wire.ShortURL
	byUser map[string]map[string]*wire.ShortURL
	codes  map[string]string // the id of the url that has a code
}

// NewService returns a service without urls.
func NewService(limits *wire.Limits, now state.Clock) *Service {
	return &Service{
		limits: limits, now: now,
		byID: map[string]*wire.ShortURL{}, byUser: map[string]map[string]*wire.ShortURL{}, codes: map[string]string{},
	}
}

// Name implements session.Kind.
func (s *Service) Name() string { return Kind }

// Actions implements session.Kind.
func (s *Service) Actions() []state.Action {
	return []state.Action{
		state.Takes("url.create", readCreate, s.Create),
		state.Takes("url.update", readUpdate, s.Update),
		state.Takes("url.delete", readDelete, s.Delete),
	}
}

// Data of the actions.
type (
	// Create is the data of url.create.
	Create struct {
		TargetURL string
		ShortCode *string
	}
	// Update is the data of url.update; nil is not said.
	Update struct {
		URLID                string
		TargetURL, ShortCode *string
		IsActive             *bool
	}
	// Delete is the data of url.delete.
	Delete struct{ URLID string }
)

func readCreate(f wire.Fields) Create {
	return Create{TargetURL: f.Text("target_url"), ShortCode: f.Bounded("short_code", 64, false)}
}

func readUpdate(f wire.Fields) Update {
	id := f.ID("url_id", 0)
	changes, _ := f.Child("changes", true)
	return Update{
		URLID: id, TargetURL: changes.OptText("target_url", false),
		ShortCode: changes.Bounded("short_code", 64, false), IsActive: changes.OptBool("is_active", false),
	}
}

func readDelete(f wire.Fields) Delete { return Delete{URLID: f.ID("url_id", 0)} }

// allowed checks the rules for an address and a code, then sizes.
func (s *Service) allowed(id string, target, code *string) error {
	if target != nil {
		scheme, rest, _ := strings.Cut(*target, "://")
		scheme = strings.ToLower(scheme)
		if scheme != "http" && scheme != "https" || rest == "" {
			return wire.Refuse(wire.RuleViolation, "A target_url is an absolute http or https address.")
		}
	}
	if code != nil {
		if !codePattern.MatchString(*code) {
			return wire.Refuse(wire.RuleViolation, "A short_code has letters, digits, _ and - only.")
		}
		if holder, taken := s.codes[*code]; taken && holder != id {
			return wire.Refuse(wire.RuleViolation, "This short_code is taken; choose another.")
		}
	}
	if target != nil && int64(wire.Size(*target)) > s.limits.TargetURL {
		return wire.Refuse(wire.TooLarge, "The target_url is above limits.target_url; make it shorter.")
	}
	return nil
}

func change(name, user string, data any) state.Effects {
	c := state.New(Kind, name, data)
	c.User = user
	return state.Effects{Changes: []*state.Change{c}}
}

// Create makes a url of the acting user.
func (s *Service) Create(_ context.Context, by state.By, data Create) (state.Effects, error) {
	if err := s.allowed("", &data.TargetURL, data.ShortCode); err != nil {
		return state.Effects{}, err
	}
	now := s.now()
	u := &wire.ShortURL{
		ID: "l-" + rand.Text(), TargetURL: data.TargetURL, CreatedBy: by.UserID,
		CreatedAt: now, UpdatedAt: now, IsActive: true,
	}
	if data.ShortCode != nil {
		u.ShortCode = *data.ShortCode
	} else {
		u.ShortCode = s.newCode()
	}
	s.codes[u.ShortCode] = u.ID
	s.byID[u.ID] = u
	if s.byUser[by.UserID] == nil {
		s.byUser[by.UserID] = map[string]*wire.ShortURL{}
	}
	s.byUser[by.UserID][u.ID] = u
	effects := change("url.created", by.UserID, &wire.URLData{URL: *u})
	effects.Result = &wire.Result{URLID: u.ID}
	return effects, nil
}

// newCode makes a code that no url has.
func (s *Service) newCode() string {
	for {
		code := rand.Text()[:10]
		if _, taken := s.codes[code]; !taken {
			return code
		}
	}
}

// own finds a url of the acting user; those of others are as missing.
func (s *Service) own(by state.By, id string) (*wire.ShortURL, error) {
	if u := s.byID[id]; u != nil && u.CreatedBy == by.UserID {
		return u, nil
	}
	return nil, wire.Refuse(wire.NotFound, "There is no such url.")
}

// Update changes a url.
func (s *Service) Update(_ context.Context, by state.By, data Update) (state.Effects, error) {
	u, err := s.own(by, data.URLID)
	if err == nil {
		err = s.allowed(data.URLID, data.TargetURL, data.ShortCode)
	}
	if err != nil {
		return state.Effects{}, err
	}
	if data.TargetURL != nil {
		u.TargetURL = *data.TargetURL
	}
	if data.ShortCode != nil {
		delete(s.codes, u.ShortCode)
		u.ShortCode = *data.ShortCode
		s.codes[u.ShortCode] = u.ID
	}
	if data.IsActive != nil {
		u.IsActive = *data.IsActive
	}
	u.UpdatedAt = s.now()
	return change("url.updated", by.UserID, &wire.URLData{URL: *u}), nil
}

// Delete removes a url; its code is free again.
func (s *Service) Delete(_ context.Context, by state.By, data Delete) (state.Effects, error) {
	u, err := s.own(by, data.URLID)
	if err != nil {
		return state.Effects{}, err
	}
	delete(s.codes, u.ShortCode)
	delete(s.byID, u.ID)
	delete(s.byUser[by.UserID], u.ID)
	return change("url.deleted", by.UserID, &wire.URLGone{URLID: u.ID}), nil
}

// Open implements session.Kind.
func (s *Service) Open(context.Context, *state.Viewer) ([]*state.Change, error) { return nil, nil }

// End implements session.Kind.
func (s *Service) End(context.Context, *state.Viewer) ([]*state.Change, error) { return nil, nil }

// Slice is what a session shows now.
func (s *Service) Slice(_ context.Context, v *state.Viewer) (state.Slice, error) {
	var urls []wire.ShortURL
	for _, u := range s.byUser[v.UserID] {
		urls = append(urls, *u)
	}
	return newSlice(urls, s.limits), nil
}
