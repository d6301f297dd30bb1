/** Which volumes are attached to which node. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.attach;
