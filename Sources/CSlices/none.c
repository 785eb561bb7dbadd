// A module map needs a source.
