/** Claims that are made for a pod and go with it. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.ephemeral;
