// Package chaos lets a crowd use a world of servers while it breaks one thing
// after the other, then lets everything come to its end and proves from what the
// clients saw that no word was lost (package history), and from the servers'
// own numbers that nothing leaked.
//
// Everything random comes from one seed. The order of the faults and what each
// person is inclined to do follow from it; how threads and networks interleave
// does not, so a seed that has found a fault finds it again often, not always.
package chaos
