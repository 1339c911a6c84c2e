package state

import (
	"slices"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

// Slice is what a session shows of one kind. Its owner is one goroutine.
type Slice interface {
	// Apply is the reducer: it folds a change in, and tells whether the
	// slice differs afterwards.
	Apply(c *Change) bool
	// View returns the data of the event that carries a change in the
	// session of this slice; nil where the session need not be told.
	View(c *Change) wire.Raw
	// AppendJSON appends the data of the state, in RFC 8785 form.
	wire.Appender
}

// Upsert puts x at its sorted place, in the stead of the entry with its key,
// and cuts the list at its end.
func Upsert[T any](list []T, x T, same func(T) bool, order func(a, b T) int, most int64) []T {
	list = slices.DeleteFunc(list, same)
	at, _ := slices.BinarySearchFunc(list, x, order)
	return Cut(slices.Insert(list, at, x), most)
}

// Cut takes off what a list has beyond its limit.
func Cut[T any](list []T, most int64) []T {
	if int64(len(list)) > most {
		clear(list[most:])
		list = list[:most]
	}
	return list
}

// Remove takes out what goes tells, and says whether there was something.
func Remove[T any](list []T, goes func(T) bool) ([]T, bool) {
	rest := slices.DeleteFunc(list, goes)
	return rest, len(rest) < len(list)
}
