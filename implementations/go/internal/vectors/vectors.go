// Package vectors reads the test vectors of the specification, for the tests of
// the packages beside it.
package vectors

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Folder is where the vectors are, seen from a package beside this one.
const Folder = "../../../../schemas/vectors"

// Vector is one of them; what it does not have is empty.
type Vector struct {
	Name, Definition, Why, Requirement, Pointer, Base64 string
	Body                                                json.RawMessage
}

// Load reads a file of vectors.
func Load(t *testing.T, path string) []Vector {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(Folder, path))
	if err != nil {
		t.Fatal(err)
	}
	var list []Vector
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if len(list) == 0 {
		t.Fatalf("no vectors in %s", path)
	}
	return list
}

// Each calls do for every vector of a folder, and wants at least one.
func Each(t *testing.T, folder string, do func(t *testing.T, v Vector)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(Folder, folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors in %s: %v", folder, err)
	}
	for _, file := range files {
		for _, v := range Load(t, filepath.Join(folder, filepath.Base(file))) {
			t.Run(filepath.Base(file)+"/"+v.Name, func(t *testing.T) { do(t, v) })
		}
	}
}

// IsOpen tells whether the message is of a type that the schemas leave open.
func (v Vector) IsOpen() bool { return strings.HasSuffix(v.Definition, "/unknown") }

// Want is the code that an invalid message of a client is refused with.
func (v Vector) Want() int {
	var head struct{ Type any }
	_ = json.Unmarshal(v.Body, &head)
	_, typed := head.Type.(string)
	// An unknown type comes before whatever else is wrong.
	unknown := v.IsOpen() && !strings.Contains(v.Pointer, "id")
	other := v.Pointer == "/type" && !strings.Contains(v.Name, "another action")
	if typed && (unknown || other) {
		return 4002
	}
	return 4001
}

// CheckPointer wants a pointer to what is wrong, or to what holds that.
func (v Vector) CheckPointer(t *testing.T, pointer string) {
	t.Helper()
	if v.Pointer != "" && pointer != v.Pointer && !strings.HasPrefix(v.Pointer, pointer) {
		t.Errorf("the pointer is %s, should be %s", pointer, v.Pointer)
	}
}
