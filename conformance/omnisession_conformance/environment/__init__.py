"""What a run is made in: the broker, processes, the target, the fixture, the configuration."""
