"""What goes out to other programs: today a language model that words drafts, where somebody asks for one."""
