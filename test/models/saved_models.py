"""SavedModels for the tests of conversion, written into FOLDER/NAME: one that is as it should be, and others.

All tell the prevailing colour of a picture of 32 x 32: red, green, blue.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

SIDE = 32


class Net(tf.Module):
    """A convolution beside the mean colour. Takes 0..1."""

    def __init__(self, channels_first=False):
        super().__init__()
        random = np.random.default_rng(7)
        self.kernel = tf.Variable(random.normal(0, 0.3, (3, 3, 3, 8)), dtype=tf.float32)
        self.dense = tf.Variable(random.normal(0, 0.3, (8, 3)), dtype=tf.float32)
        # No variable: the function holds it by reference, as Keras does the means of its normalisation.
        self.bias = tf.constant(random.normal(0, 0.3, 8), dtype=tf.float32)
        self.channels_first = channels_first

    def logits(self, pictures):
        if self.channels_first:
            pictures = tf.transpose(pictures, [0, 2, 3, 1])
        mean = tf.reduce_mean(pictures, axis=[1, 2])
        features = tf.nn.relu(tf.nn.conv2d(pictures, self.kernel, strides=2, padding="SAME") + self.bias)
        return 12 * mean + tf.matmul(tf.reduce_mean(features, axis=[1, 2]), self.dense)


def signature(function, shape=(None, SIDE, SIDE, 3), dtype=tf.float32):
    return tf.function(function, input_signature=[tf.TensorSpec(shape, dtype, name="pictures")])


def save(folder, name, module, **signatures):
    tf.saved_model.save(module, os.path.join(folder, name), signatures=signatures)


def main(folder):
    net, first = Net(), Net(channels_first=True)

    def scores(pictures):
        return {"scores": tf.nn.softmax(net.logits(pictures))}

    def steep(pictures):
        # Changes sides at the second decimal of what the convolution gives: too steep for few bits.
        features = tf.nn.relu(tf.nn.conv2d(pictures, net.kernel, strides=2, padding="SAME"))
        mean = tf.reduce_mean(features, axis=[1, 2, 3])[:, None]
        return {"scores": tf.nn.softmax(3 * tf.concat([tf.sin(500 * mean), tf.cos(500 * mean), 0 * mean], axis=1))}

    save(folder, "net", net, serving_default=signature(scores))
    save(
        folder,
        "bytes",
        net,
        serving_default=signature(lambda pictures: scores(tf.cast(pictures, tf.float32) / 255), dtype=tf.uint8),
    )
    save(
        folder,
        "channels-first",
        first,
        serving_default=signature(lambda pictures: {"logits": first.logits(pictures)}, shape=(None, 3, SIDE, SIDE)),
    )
    save(folder, "steep", net, serving_default=signature(steep))
    save(
        folder,
        "unsupported",
        net,
        serving_default=signature(
            lambda pictures: {"scores": tf.nn.softmax(tf.linalg.svd(pictures, compute_uv=False)[:, 0, :])}
        ),
    )
    save(
        folder,
        "fixed-inside",
        net,
        serving_default=signature(
            lambda pictures: {"scores": tf.reshape(scores(tf.reshape(pictures, [4, SIDE, SIDE, 3]))["scores"], [4, 3])}
        ),
    )


if __name__ == "__main__":
    main(sys.argv[1])
