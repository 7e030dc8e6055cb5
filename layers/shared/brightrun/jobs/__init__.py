"""Jobs: one training request from creation to model, and the attempts it takes."""
