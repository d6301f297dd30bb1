/** The frame every controller runs in: what wakes it, what it may read, what it may ask for. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.manager;
