/** The end of a namespace: everything in it goes first. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.namespace;
