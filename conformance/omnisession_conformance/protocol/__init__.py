"""What both sides share: subjects, positions, schemas, the model of slices, requirements."""
