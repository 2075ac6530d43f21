"""The tool cupboard of the doors: who is asking, forms, pages, problems, assets."""
