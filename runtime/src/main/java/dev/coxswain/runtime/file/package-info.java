/** Files that must survive what this process does not. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.runtime.file;
