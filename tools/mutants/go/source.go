package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
)

// mutant is a change of the bytes from Start to End of a file.
type mutant struct {
	File     string `json:"file"`
	Function string `json:"function"`
	Operator string `json:"operator"`
	Before   string `json:"before"`
	After    string `json:"after"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
	Line     int    `json:"line"`
}

// source is a parsed file, with what its operators ask of it.
type source struct {
	name     string
	data     []byte
	set      *token.FileSet
	file     *ast.File
	words    []string            // texts that name something, sorted
	members  map[string][]string // of each expression the members that are read, sorted
	function string              // where the operators are just now
	results  *ast.FieldList      // what the function around them returns
	found    []mutant
}

var (
	// Texts with spaces are for people; nothing on the wire shows them.
	word = regexp.MustCompile(`^[^\s%]+$`)
	logs = regexp.MustCompile(`(?i)\blog(ger)?\.\w+$`)
)

func read(name string) (*source, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, data, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	s := &source{name: name, data: data, set: set, file: file, members: map[string][]string{}}
	s.collect()
	return s, nil
}

// collect finds the names that a file uses, which are changed for one another.
func (s *source) collect() {
	called := map[ast.Expr]bool{}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			return n.Tag == nil
		case *ast.CallExpr:
			called[n.Fun] = true
		case *ast.BasicLit:
			if text, ok := s.word(n); ok {
				s.words = append(s.words, text)
			}
		case *ast.SelectorExpr:
			if !called[n] {
				base := s.text(n.X)
				s.members[base] = append(s.members[base], n.Sel.Name)
			}
		}
		return true
	})
	sorted := func(names []string) []string {
		slices.Sort(names)
		return slices.Compact(names)
	}
	s.words = sorted(s.words)
	for base := range s.members {
		s.members[base] = sorted(s.members[base])
	}
}

// word returns the text of a literal if it names something.
func (s *source) word(n *ast.BasicLit) (string, bool) {
	if n.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(n.Value)
	return text, err == nil && word.MatchString(text)
}

// mutants returns the changes of all functions and of what stands at the level of the package.
func (s *source) mutants() []mutant {
	for _, d := range s.file.Decls {
		s.function, s.results = "", nil
		if f, ok := d.(*ast.FuncDecl); ok {
			s.function, s.results = s.named(f), f.Type.Results
			if f.Body != nil {
				s.walk(f.Body)
			}
		} else if g, ok := d.(*ast.GenDecl); ok && (g.Tok == token.CONST || g.Tok == token.VAR) {
			s.walk(g)
		}
	}
	return s.found
}

func (s *source) named(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	return "(" + s.text(f.Recv.List[0].Type) + ")." + f.Name.Name
}

// walk tries all operators on a node and on what is in it.
func (s *source) walk(root ast.Node) {
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil || s.leftAlone(n) {
			return false
		}
		if f, ok := n.(*ast.FuncLit); ok {
			outer := s.results
			s.results = f.Type.Results
			s.walk(f.Body)
			s.results = outer
			return false
		}
		s.statement(n)
		s.condition(n)
		s.value(n)
		s.list(n)
		return true
	})
}

func (s *source) leftAlone(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		return logs.MatchString(s.text(n.Fun))
	case *ast.ImportSpec, *ast.StructType, *ast.InterfaceType, *ast.FuncType:
		return true
	}
	return false
}

func (s *source) offset(p token.Pos) int { return s.set.Position(p).Offset }

func (s *source) text(n ast.Node) string { return s.between(n.Pos(), n.End()) }

func (s *source) between(from, to token.Pos) string {
	return string(s.data[s.offset(from):s.offset(to)])
}

// change notes that another text takes the place of a node.
func (s *source) change(operator string, n ast.Node, after string) {
	s.replace(operator, n.Pos(), n.End(), after)
}

func (s *source) replace(operator string, from, to token.Pos, after string) {
	s.found = append(s.found, mutant{
		File: s.name, Function: s.function, Operator: operator,
		Before: s.between(from, to), After: after,
		Start: s.offset(from), End: s.offset(to), Line: s.set.Position(from).Line,
	})
}
