// Package kinds lists the kinds that this server has, and connects those that
// need each other.
//
// To add a kind, write a package with a type that implements session.Kind, and
// add one line to the list in New.
package kinds

import (
	"context"

	"github.com/omnisession/omnisession/implementations/go/internal/articles"
	"github.com/omnisession/omnisession/implementations/go/internal/chat"
	"github.com/omnisession/omnisession/implementations/go/internal/session"
	"github.com/omnisession/omnisession/implementations/go/internal/state"
	"github.com/omnisession/omnisession/implementations/go/internal/urls"
	"github.com/omnisession/omnisession/implementations/go/internal/users"
	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Config is what kinds are made of.
type Config struct {
	Limits *wire.Limits
	Now    state.Clock
	Store  articles.Store
}

// All are the kinds, in the order in which they are declared.
type All struct {
	Groups []session.Group
	Meet   func(*state.Viewer) // is told of a session before the kinds are
	Forget func(user string)   // is told of a user who has been away for long
}

// New makes all kinds. An error is one of the store.
func New(ctx context.Context, c Config) (All, error) {
	directory := users.NewDirectory()
	posts, err := articles.NewService(ctx, c.Store, c.Limits, c.Now, directory.Name)
	if err != nil {
		return All{}, err
	}
	room := chat.NewService(c.Limits, c.Now, directory.Name)
	return All{
		Meet: directory.Meet, Forget: directory.Forget,
		Groups: []session.Group{
			{posts}, // may wait for its store
			{
				room,
				urls.NewService(c.Limits, c.Now),
				users.NewService(directory, room.Renamed), // calls the room
			},
		},
	}, nil
}

// Names are the names of all kinds, in the order in which they are declared.
func Names() []string {
	limits := wire.DefaultLimits
	// A store in memory does not fail.
	all, _ := New(context.Background(), Config{Limits: &limits, Store: articles.NewMemory()})
	var names []string
	for _, group := range all.Groups {
		for _, kind := range group {
			names = append(names, kind.Name())
		}
	}
	return names
}
