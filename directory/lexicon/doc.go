// Package lexicon reads what a person writes in their own words and says which
// topics it is about, whether it speaks of danger, and which place it names.
//
// It is pure: words in, a [Reading] out. The words it knows are data (one file
// per language, see [Load]): plain terms, stems, pieces of compounds and phrases
// that describe a situation ("Miete nicht gezahlt"). Typing mistakes, missing
// umlauts and words written apart or together are part of the rules, not of the
// data.
//
// It keeps and logs nothing of what it reads, asks no network, and does not guess: a
// text without a known word has no topic.
package lexicon
