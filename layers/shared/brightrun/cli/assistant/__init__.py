"""What an assistant may do with a stage, over the Model Context Protocol."""
