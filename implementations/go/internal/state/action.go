package state

import "github.com/omnisession/omnisession/implementations/go/internal/wire"

// Effects is what an action made: changes for sessions, hints for everybody,
// and the ids that its outcome tells.
type Effects struct {
	Result  *wire.Result
	Changes []*Change
	Hints   []*wire.Hint
}

// Clock tells the time in milliseconds since the Unix epoch. It never steps
// back.
type Clock func() int64
