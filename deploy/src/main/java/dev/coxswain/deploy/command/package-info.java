/** The subcommands of {@code cox}. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.deploy.command;
