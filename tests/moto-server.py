# SPDX-License-Identifier: ISC
"""moto_server, but for one thing that it has not: tags of the snapshots that CreateImage makes."""
from moto.ec2.models.amis import AmiBackend
from moto.server import main

plain = AmiBackend.create_image


def create_image(self, instance_id, name, description, tag_specifications):
    image = plain(self, instance_id, name, description,
                  [s for s in tag_specifications if s["ResourceType"] != "snapshot"])
    for spec in tag_specifications:
        if spec["ResourceType"] == "snapshot":
            for tag in spec["Tags"]:
                image.ebs_snapshot.add_tag(tag["Key"], tag["Value"])
    return image


AmiBackend.create_image = create_image
main()
