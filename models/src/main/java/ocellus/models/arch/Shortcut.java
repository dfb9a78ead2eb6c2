package ocellus.models.arch;

import ocellus.engine.layers.Conv2d.Spec;

/** How the input of a residual block gets the shape of its output. */
sealed interface Shortcut {
  /** It has it. */
  record Identity() implements Shortcut {}

  /** It is not added at all. */
  record None() implements Shortcut {}

  /** By a convolution, as {@link Projection#strided}. */
  record Strided(Spec conv) implements Shortcut {}

  /** By means and a convolution, as {@link Projection#averaging}. */
  record Averaging(int stride, boolean dilated, Spec conv) implements Shortcut {}
}
