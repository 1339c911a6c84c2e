"""What a server must do: cases and rules, one folder an area of requirements."""
