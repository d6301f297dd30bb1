/** What every controller needs to know of objects: keys, owners, selectors, pods, templates. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.object;
