module github.com/omnisession/omnisession/tools/mutants/go

go 1.24
