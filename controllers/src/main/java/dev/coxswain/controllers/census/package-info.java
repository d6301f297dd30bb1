/** How many objects of each kind there are, for quotas of kinds that nobody else looks at. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.census;
