/** What an operator runs beside the members: {@code cox store snapshot} and its like. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.store.command;
