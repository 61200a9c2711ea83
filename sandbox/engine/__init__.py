"""What happens: compiling a journey, walking it, judging answers, folding traces. No I/O."""
