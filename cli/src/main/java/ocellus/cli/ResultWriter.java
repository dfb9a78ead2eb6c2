package ocellus.cli;

import java.io.IOException;

/**
 * Prints what became of each image, in one of the formats.
 *
 * @param <R> what is computed for an image
 */
interface ResultWriter<R> {
  /** The image's result. */
  void result(String image, R result) throws IOException;

  /** The image could not be answered. */
  void failure(String image, String error) throws IOException;
}
