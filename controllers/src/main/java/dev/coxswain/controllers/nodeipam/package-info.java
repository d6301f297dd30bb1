/** The addresses of each node's pods. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.nodeipam;
