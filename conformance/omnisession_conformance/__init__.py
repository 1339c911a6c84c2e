"""The conformance test kit of Omnisession."""
