"""What do the readings and pictures say about the network?"""
