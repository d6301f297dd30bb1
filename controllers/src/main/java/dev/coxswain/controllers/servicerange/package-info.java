/** The ranges and addresses of Services. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.servicerange;
