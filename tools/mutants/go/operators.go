package main

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

var (
	compared = map[token.Token]string{
		token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">", token.EQL: "!=", token.NEQ: "==",
	}
	connected = map[token.Token]string{token.LAND: "||", token.LOR: "&&"}
	reckoned  = map[token.Token]string{token.ADD: "-", token.SUB: "+"}
	turned    = map[string]string{"true": "false", "false": "true", "min": "max", "max": "min"}
)

// statement deletes statements and what is returned. What is deleted stays where it is, never reached,
// so that all that it uses is used.
func (s *source) statement(n ast.Node) {
	switch n := n.(type) {
	case *ast.ExprStmt:
		if call, ok := n.X.(*ast.CallExpr); !ok || !logs.MatchString(s.text(call.Fun)) {
			s.delete(n)
		}
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			s.delete(n)
		}
	case *ast.IncDecStmt, *ast.SendStmt, *ast.GoStmt, *ast.DeferStmt, *ast.BranchStmt:
		s.delete(n)
	case *ast.IfStmt:
		if n.Else == nil {
			s.delete(n)
		}
	case *ast.ReturnStmt:
		s.returned(n)
	}
}

// delete keeps a statement from ever running.
func (s *source) delete(n ast.Node) { s.change("DEL", n, "if false {\n"+s.text(n)+"\n}") }

// returned deletes a return, or has it return nothing in one place.
func (s *source) returned(n *ast.ReturnStmt) {
	s.delete(n)
	if s.results == nil {
		return
	}
	var types []ast.Expr
	for _, field := range s.results.List {
		for range max(1, len(field.Names)) {
			types = append(types, field.Type)
		}
	}
	if len(types) != len(n.Results) {
		return
	}
	for i, result := range n.Results {
		if name := s.text(types[i]); !isNothing(s.text(result), name) {
			s.change("RET", result, "*new("+name+")")
		}
	}
}

// isNothing tells whether a text is the value that a type has before anything is said of it, or one of
// two of which BOOL makes the other.
func isNothing(text, name string) bool {
	return slices.Contains([]string{"nil", "true", "false", "0", `""`, name + "{}"}, text)
}

// condition turns conditions, comparisons and sums into others.
func (s *source) condition(n ast.Node) {
	switch n := n.(type) {
	case *ast.IfStmt:
		s.negate(n.Cond)
	case *ast.ForStmt:
		if n.Cond != nil {
			s.negate(n.Cond)
		}
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			s.change("NEG", n, "("+s.text(n.X)+")")
		}
	case *ast.BinaryExpr:
		for operator, words := range map[string]map[token.Token]string{"CMP": compared, "BOOL": connected, "MATH": reckoned} {
			if other, ok := words[n.Op]; ok {
				s.replace(operator, n.Pos(), n.End(), s.between(n.Pos(), n.OpPos)+other+s.between(n.OpPos+token.Pos(len(n.Op.String())), n.End()))
			}
		}
	}
}

func (s *source) negate(condition ast.Expr) {
	if n, ok := condition.(*ast.UnaryExpr); !ok || n.Op != token.NOT {
		s.change("NEG", condition, "!("+s.text(condition)+")")
	}
}

// value changes numbers, texts and names.
func (s *source) value(n ast.Node) {
	switch n := n.(type) {
	case *ast.BasicLit:
		if number, err := strconv.ParseInt(n.Value, 0, 64); n.Kind == token.INT && err == nil {
			s.change("INT", n, strconv.FormatInt(number+1, 10))
			s.change("INT", n, "("+strconv.FormatInt(number-1, 10)+")")
		}
		if text, ok := s.word(n); ok {
			s.change("STR", n, strconv.Quote(text+"x"))
			if other, ok := following(s.words, text); ok {
				s.change("SWAP", n, strconv.Quote(other))
			}
		}
	case *ast.Ident:
		if other, ok := turned[n.Name]; ok {
			s.change("BOOL", n, other)
		}
	case *ast.SelectorExpr:
		base := s.text(n.X)
		if other, ok := following(s.members[base], n.Sel.Name); ok {
			s.change("SWAP", n, base+"."+other)
		}
	}
}

// list exchanges arguments, leaves out elements, and passes on what would have been copied.
func (s *source) list(n ast.Node) {
	switch n := n.(type) {
	case *ast.CallExpr:
		for i := 1; i < len(n.Args); i++ {
			left, right := n.Args[i-1], n.Args[i]
			if s.text(left) != s.text(right) {
				s.replace("SWAP", left.Pos(), right.End(), s.text(right)+s.between(left.End(), right.Pos())+s.text(left))
			}
		}
		if name := s.text(n.Fun); len(n.Args) == 1 && (strings.HasSuffix(name, ".Clone") || strings.HasSuffix(name, ".Sorted")) {
			s.change("COPY", n, s.text(n.Args[0]))
		}
	case *ast.CompositeLit:
		s.leaveOut(n.Elts, n.Lbrace+1, n.Rbrace)
	case *ast.CaseClause:
		if len(n.List) > 1 {
			s.leaveOut(n.List, n.List[0].Pos(), n.List[len(n.List)-1].End())
		}
	}
}

// leaveOut writes a list without each of its elements.
func (s *source) leaveOut(elements []ast.Expr, from, to token.Pos) {
	for i := range elements {
		var rest []string
		for j, element := range elements {
			if i != j {
				rest = append(rest, s.text(element))
			}
		}
		s.replace("ELEM", from, to, strings.Join(rest, ", "))
	}
}

// following returns the name behind this one, in a ring.
func following(names []string, name string) (string, bool) {
	i := slices.Index(names, name)
	if i < 0 || len(names) == 1 {
		return "", false
	}
	return names[(i+1)%len(names)], true
}
