package urls

import (
	"testing"

	"github.com/omnisession/omnisession/implementations/go/internal/wire"
)

func TestSliceIsCanonical(t *testing.T) {
	t.Parallel()
	limits := wire.DefaultLimits
	s := newSlice([]wire.ShortURL{{ID: "1"}, {ID: "0"}}, &limits)
	data := wire.Marshal(s)
	object, err := wire.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if again := wire.Marshal(object); string(again) != string(data) {
		t.Errorf("not canonical:\n%s\n%s", data, again)
	}
}
