/** The garbage collector: objects go when all their owners have gone. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.garbage;
