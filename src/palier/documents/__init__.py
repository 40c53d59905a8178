"""Papers: letters, forms and sheets as PDF/UA, by typst. No models; whoever writes gives the facts."""
