from omnisession_reference.cli import main

main()
